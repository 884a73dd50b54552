/**
 * Nothing at all: what Deno itself costs.
 *
 * @module
 */

export default { fetch: () => new Response("ok") };
