/**
 * Reading bodies that strangers send, or that other services answer with: never more than a limit.
 *
 * @module
 */

/** A body as text, or why there is none. */
export type Body = { text: string; fault?: never } | { text?: never; fault: "too long" | "too slow" | "no UTF-8" };

/** Bytes to begin with: most bodies are smaller. */
const FIRST_BUFFER = 16 * 1024;
/** A chunk costs up to 75 µs, however short it is: strangers may send no more than if each had so many bytes. */
const LEAST_CHUNK = 128;

/**
 * Reads a body as UTF-8 text, up to a limit. The text is exactly what was sent: a byte order mark stays, and what is
 * no UTF-8 is not replaced, since a signature covers the bytes.
 *
 * @param source The request or response.
 * @param limit The most bytes to take.
 * @param late Fires when the body has had its time; without it, a body may take for ever.
 * @returns The text, or the fault.
 */
export async function readText(source: Request | Response, limit: number, late?: AbortSignal): Promise<Body> {
  const bytes = await readBytes(source, limit, late);
  if (bytes === undefined) return { fault: late?.aborted ? "too slow" : "too long" };
  try {
    return { text: new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytes) };
  } catch {
    return { fault: "no UTF-8" };
  }
}

/**
 * Reads a body up to a limit.
 *
 * @param source The request or response.
 * @param limit The most bytes to take.
 * @param late Fires when the body has had its time.
 * @returns The bytes, or undefined if there are more, or chunks for more, or the time is over.
 */
export async function readBytes(
  source: Request | Response,
  limit: number,
  late?: AbortSignal,
): Promise<ArrayBuffer | undefined> {
  if (isFramed(source, limit)) return await readFramed(source, limit, late);
  if (Number(source.headers.get("content-length")) > limit) {
    await source.body?.cancel();
    return undefined;
  }
  return await readStream(source, limit, late);
}

/**
 * Tells whether a body says its length, and is no longer than a limit. HTTP lets no more through than the length says,
 * unless it is that of a compressed body.
 *
 * @param source The request or response.
 * @param limit The most bytes to take.
 * @returns Whether it can be taken in one piece.
 */
export function isFramed({ headers }: Request | Response, limit: number): boolean {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= limit && !headers.has("content-encoding");
}

/**
 * In one piece, which costs a fraction of the stream. Nothing here sees packets: measured, a byte costs 1.4 to 7 µs where each comes alone, which takes its sender a minute or more for 1 MiB.
 */
async function readFramed(
  source: Request | Response,
  limit: number,
  late?: AbortSignal,
): Promise<ArrayBuffer | undefined> {
  const buffer = await inTime(source.arrayBuffer(), late);
  return buffer === undefined || buffer.byteLength > limit ? undefined : buffer;
}

/** Undefined if the signal fires first. What is still being read then may fail later, and nobody asks. */
async function inTime<T>(work: Promise<T>, late: AbortSignal | undefined): Promise<T | undefined> {
  if (!late) return await work;
  let stop = () => {};
  const end = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    if (late.aborted) stop();
    else late.addEventListener("abort", stop, { once: true });
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, end]);
  } finally {
    late.removeEventListener("abort", stop);
  }
}

/** By a reader: the loop `for await` over a stream costs several times as much. */
async function readStream(
  { body }: Request | Response,
  limit: number,
  late?: AbortSignal,
): Promise<ArrayBuffer | undefined> {
  let buffer = new ArrayBuffer(Math.min(limit, FIRST_BUFFER));
  let size = 0;
  let chunks = 0;
  const reader = body?.getReader();
  // It ends the read that waits. Not awaited: the sender may not notice. One listener, however many chunks come.
  const stop = () => void reader?.cancel().catch(() => {});
  if (late?.aborted) stop();
  else late?.addEventListener("abort", stop, { once: true });
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    const chunk: Uint8Array = read.value;
    if (size + chunk.byteLength > limit || ++chunks > mostChunks(limit)) {
      late?.removeEventListener("abort", stop);
      await reader?.cancel();
      return undefined;
    }
    if (size + chunk.byteLength > buffer.byteLength) buffer = grow(buffer, size + chunk.byteLength, limit);
    // Copied at once: a chunk of one byte may be the view of a buffer of 64 KiB.
    new Uint8Array(buffer).set(chunk, size);
    size += chunk.byteLength;
  }
  late?.removeEventListener("abort", stop);
  return late?.aborted ? undefined : buffer.slice(0, size);
}

/** More than a hundred at least, so that a short body may come in whatever pieces. */
function mostChunks(limit: number): number {
  return Math.max(limit, FIRST_BUFFER) / LEAST_CHUNK;
}

function grow(buffer: ArrayBuffer, needed: number, limit: number): ArrayBuffer {
  const grown = new ArrayBuffer(Math.min(limit, Math.max(needed, 2 * buffer.byteLength)));
  new Uint8Array(grown).set(new Uint8Array(buffer));
  return grown;
}
