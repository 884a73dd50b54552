import { assertEquals } from "@std/assert";
import { policyFaults } from "../../../../cli/doctor/policies.ts";

const FAULTS: Record<string, ReturnType<typeof policyFaults>> = {
  "((( SELECT auth.jwt() AS jwt) ->> 'sub'::text) = clerk_user_id)": [],
  "(( SELECT (auth.jwt() ->> 'sub'::text)) = clerk_user_id)": [],
  "(COALESCE((( SELECT auth.jwt() AS jwt) ->> 'sts'::text), 'active'::text) = 'active'::text)": [],
  "(EXISTS ( SELECT 1\n   FROM notes\n  WHERE (notes.owner = (( SELECT auth.jwt() AS jwt) ->> 'sub'::text))))": [],
  "(( SELECT ((auth.jwt() ->> 'a'::text) IS DISTINCT FROM 'b'::text)))": [],
  "(note = 'auth.uid() and auth.jwt()'::text)": [],
  "(\"auth.jwt()\" = 'it''s (auth.jwt()'::text)": [],
  "(myauth.jwt() IS NULL)": [],
  "true": [],
  "((auth.jwt() ->> 'sub'::text) = clerk_user_id)": ["bare auth.jwt()"],
  "(auth.jwt() IS NOT NULL)": ["bare auth.jwt()"],
  "((( SELECT auth.jwt() AS jwt) IS NOT NULL) AND ((auth.jwt() ->> 'sub'::text) = owner))": ["bare auth.jwt()"],
  "(owner IN ( SELECT notes.owner\n   FROM notes\n  WHERE ((auth.jwt() ->> 'sub'::text) = notes.owner)))": [
    "bare auth.jwt()",
  ],
  "(auth.uid() = id)": ["auth.uid()"],
  "(( SELECT auth.uid() AS uid) = id)": ["auth.uid()"],
  "(organization_id = ( SELECT public.caller_organization_id() AS caller_organization_id))": [],
  "(( SELECT public.caller_has_role('org:admin'::text) AS caller_has_role))": [],
  "(note = 'caller_organization_id('::text)": [],
  "(organization_id = public.caller_organization_id())": ["bare helper"],
  "(public.caller_has_role('org:admin'::text) AND (user_id = ( SELECT public.caller_user_id() AS caller_user_id)))": [
    "bare helper",
  ],
  "(public.caller_has_permission(( SELECT lower('X'::text) AS lower)))": ["bare helper"],
  "(id IN ( SELECT notes.id\n   FROM notes\n  WHERE (notes.user_id = public.caller_user_id())))": ["bare helper"],
  "((( SELECT auth.jwt() AS jwt) ->> 'o.id'::text) = tenant)": ["dotted claim"],
  "((( SELECT auth.jwt() AS jwt) ->> 'org_id'::text) = tenant)": ["org_id alone"],
  "(COALESCE(((( SELECT auth.jwt() AS jwt) -> 'o'::text) ->> 'id'::text), (( SELECT auth.jwt() AS jwt) ->> 'org_id'::text)) = tenant)":
    [],
  "(COALESCE((( SELECT auth.jwt() AS jwt) #>> '{o,id}'::text[]), (( SELECT auth.jwt() AS jwt) ->> 'org_id'::text)) = tenant)":
    [],
  "((( SELECT auth.jwt() AS jwt) #>> '{org_id}'::text[]) = tenant)": ["org_id alone"],
  "((( SELECT auth.jwt() AS jwt) #>> '{o.id}'::text[]) = tenant)": ["dotted claim"],
  "((( SELECT (current_setting('request.jwt.claims'::text, true))::jsonb AS claims) ->> 'org_id'::text) = tenant)": [
    "org_id alone",
  ],
  "((data ->> 'org_id'::text) = (( SELECT public.caller_organization_id() AS caller_organization_id))::text)": [],
  "((auth.uid() = id) OR ((auth.jwt() ->> 'sub'::text) = owner))": ["auth.uid()", "bare auth.jwt()"],
};

Deno.test("policyFaults() finds auth.uid(), claims that tokens do not have, and calls that run once per row", () => {
  for (const [expression, faults] of Object.entries(FAULTS)) assertEquals(policyFaults(expression), faults, expression);
});
