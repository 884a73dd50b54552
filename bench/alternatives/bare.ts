/**
 * An empty function, which shows the cost of Deno itself.
 *
 * @module
 */

export default { fetch: () => new Response("ok") };
