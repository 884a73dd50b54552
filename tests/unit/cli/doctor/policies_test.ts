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
  "((auth.uid() = id) OR ((auth.jwt() ->> 'sub'::text) = owner))": ["auth.uid()", "bare auth.jwt()"],
};

Deno.test("policyFaults() finds auth.uid(), and auth.jwt() outside of a select that is evaluated once", () => {
  for (const [expression, faults] of Object.entries(FAULTS)) assertEquals(policyFaults(expression), faults, expression);
});
