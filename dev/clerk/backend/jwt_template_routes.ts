/**
 * The Backend API's routes of JWT templates.
 *
 * @module
 */
import { ClerkError, invalidParameter, notSimulated } from "../errors.ts";
import { json, type Route, type RouteMaker } from "../http.ts";
import { createJwtTemplate, type JwtTemplate, type JwtTemplateInput } from "../jwt_templates.ts";
import { type Body, readBody, requireText } from "../organizations/parameters.ts";
import { readPage, refuseOthers } from "../parameters.ts";
import type { State } from "../state.ts";

/** Dependencies of the routes. */
export interface JwtTemplateRoutesOptions {
  state: State;
  /** Saves the state. */
  changed: () => void;
}

/** Claims that only Clerk may set. */
const RESERVED = ["azp", "exp", "iat", "iss", "jti", "nbf", "sub"];

/**
 * Returns the routes under `/v1/jwt_templates`.
 *
 * @param route Creates a route behind the key check and the rate limit.
 * @param options State and how to save.
 * @returns The routes.
 */
export function jwtTemplateRoutes(route: RouteMaker, { state, changed }: JwtTemplateRoutesOptions): Route[] {
  const path = "/v1/jwt_templates";
  const store = (template: JwtTemplate) => {
    const other = [...state.jwtTemplates.values()].find(({ name }) => name === template.name);
    if (other && other.id !== template.id) throw invalidParameter("name", "That name is taken.", "form_already_exists");
    state.jwtTemplates.set(template.id, template);
    changed();
    return json(template);
  };
  return [
    route("GET", path, (_, request) => json(listTemplates(state, new URL(request.url).searchParams))),
    route(
      "POST",
      path,
      async (_, request) => store(createJwtTemplate(readTemplate(await readBody(request)), Date.now())),
    ),
    route("GET", `${path}/:id`, ({ id }) => json(findTemplate(state, id))),
    route("PATCH", `${path}/:id`, async ({ id }, request) => {
      const input = readTemplate(await readBody(request));
      const template = findTemplate(state, id);
      return store({ ...template, ...input, updated_at: Math.max(Date.now(), template.updated_at + 1) });
    }),
    route("DELETE", `${path}/:id`, ({ id }) => {
      const template = findTemplate(state, id);
      state.jwtTemplates.delete(template.id);
      changed();
      return json({ object: "jwt_template", id: template.id, deleted: true });
    }),
  ];
}

function listTemplates({ jwtTemplates }: State, parameters: URLSearchParams): unknown {
  refuseOthers(parameters, ["limit", "offset", "paginated"]);
  const { limit, offset } = readPage(parameters);
  const page = [...jwtTemplates.values()].slice(offset, offset + limit);
  return parameters.get("paginated") === "true" ? { data: page, total_count: jwtTemplates.size } : page;
}

function readTemplate(body: Body): JwtTemplateInput {
  if (body.custom_signing_key === true) {
    throw notSimulated("The simulator signs every template with its own key", { param: "custom_signing_key" });
  }
  const { claims } = body;
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    throw invalidParameter("claims", "claims must be an object");
  }
  const reserved = Object.keys(claims).find((name) => RESERVED.includes(name));
  if (reserved) throw invalidParameter("claims", `${reserved} is a reserved claim`, "jwt_template_reserved_claim");
  return {
    name: requireText(body, "name"),
    claims: claims as Record<string, unknown>,
    ...readSeconds(body, "lifetime", [30, 315_360_000]),
    ...readSeconds(body, "allowed_clock_skew", [0, 300]),
  };
}

function readSeconds(body: Body, name: "lifetime" | "allowed_clock_skew", [least, most]: [number, number]) {
  const value = body[name] ?? undefined;
  if (value === undefined) return {};
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return { [name]: Number(value) };
  throw invalidParameter(name, `${name} must be a whole number from ${least} to ${most}`);
}

function findTemplate({ jwtTemplates }: State, id: string | undefined): JwtTemplate {
  const template = jwtTemplates.get(id ?? "");
  if (template) return template;
  throw new ClerkError(404, "resource_not_found", "No JWT template was found with this id");
}
