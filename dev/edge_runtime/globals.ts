/**
 * The globals as a function of the Edge Runtime finds them: what came to Deno after 2.1.4, or is withheld, is gone.
 *
 * Sources: supabase/edge-runtime 1.74, `ext/runtime/js/bootstrap.js`; Deno 2.1.4 and 2.9.6 compared.
 *
 * @module
 */

/** Withheld from functions in every version. */
const WITHHELD = [
  ...["Worker", "localStorage", "sessionStorage", "Storage", "BroadcastChannel", "EventSource", "WebSocketStream"],
  ...["CacheStorage", "Cache"],
];

/** Newer than Deno 2.1.4: properties by their owner. */
const NEWER: ReadonlyArray<[owner: object, names: readonly string[]]> = [
  [globalThis, [
    ...["Temporal", "Buffer", "global", "setImmediate", "clearImmediate", "QuotaExceededError"],
    ...["DisposableStack", "AsyncDisposableStack", "SuppressedError"],
  ]],
  [Uint8Array, ["fromBase64", "fromHex"]],
  [Uint8Array.prototype, ["toBase64", "toHex", "setFromBase64", "setFromHex"]],
  [RegExp, ["escape"]],
  [Error, ["isError"]],
  [Math, ["sumPrecise"]],
  [globalThis.Iterator ?? {}, ["concat", "zip", "zipKeyed"]],
  [Map.prototype, ["getOrInsert", "getOrInsertComputed"]],
  [WeakMap.prototype, ["getOrInsert", "getOrInsertComputed"]],
  [Atomics, ["pause"]],
];

/** Takes away what functions do not have. Deno's own modules hold what they need of it. */
export function removeGlobals(): void {
  for (const name of WITHHELD) Reflect.deleteProperty(globalThis, name);
  for (const [owner, names] of NEWER) {
    for (const name of names) Reflect.deleteProperty(owner, name);
  }
  // Memory is not shared there.
  Object.defineProperty(globalThis, "SharedArrayBuffer", { value: ArrayBuffer, configurable: true, writable: true });
}
