/**
 * Removes the globals that a function of the Edge Runtime does not have: those newer than Deno 2.1.4 and those that
 * the platform withholds.
 *
 * Sources: supabase/edge-runtime 1.74, `ext/runtime/js/bootstrap.js`; Deno 2.1.4 and 2.9.6 compared.
 *
 * @module
 */

/** Globals that the platform withholds in every version. */
const WITHHELD = [
  ...["Worker", "localStorage", "sessionStorage", "Storage", "BroadcastChannel", "EventSource", "WebSocketStream"],
  ...["CacheStorage", "Cache"],
];

/** Properties newer than Deno 2.1.4, by owner. */
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

/** Removes the globals. Deno's own modules keep their references. */
export function removeGlobals(): void {
  for (const name of WITHHELD) Reflect.deleteProperty(globalThis, name);
  for (const [owner, names] of NEWER) {
    for (const name of names) Reflect.deleteProperty(owner, name);
  }
  // The Edge Runtime does not support shared memory.
  Object.defineProperty(globalThis, "SharedArrayBuffer", { value: ArrayBuffer, configurable: true, writable: true });
}
