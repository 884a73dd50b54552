/**
 * Reads bodies of requests and responses up to a limit.
 *
 * @module
 */

/** A body as text, or the reason why it cannot be used. */
export type Body = { text: string; fault?: never } | { text?: never; fault: "too long" | "too slow" | "not UTF-8" };

/** Size of the first buffer. Most bodies are smaller. */
const FIRST_BUFFER_BYTES = 16 * 1024;
/**
 * Each chunk costs up to 75 µs, however short it is. A body may have one chunk for every so many bytes of its limit.
 */
const BYTES_PER_CHUNK = 128;

/**
 * Reads a body as UTF-8 text, up to a limit. Because a signature covers the bytes, the text keeps a byte order mark,
 * and invalid UTF-8 is a fault instead of being replaced.
 *
 * @param source The request or response.
 * @param maxBytes The largest size to accept.
 * @param late Fires at the end of the body's time. Without it, the time is not limited.
 * @returns The text, or the fault.
 */
export async function readText(source: Request | Response, maxBytes: number, late?: AbortSignal): Promise<Body> {
  const bytes = await readBytes(source, maxBytes, late);
  if (bytes === undefined) return { fault: late?.aborted ? "too slow" : "too long" };
  try {
    return { text: new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytes) };
  } catch {
    return { fault: "not UTF-8" };
  }
}

/**
 * Reads a body up to a limit.
 *
 * @param source The request or response.
 * @param maxBytes The largest size to accept.
 * @param late Fires at the end of the body's time.
 * @returns The bytes, or undefined if the body is too long, has too many chunks or takes too long.
 */
export async function readBytes(
  source: Request | Response,
  maxBytes: number,
  late?: AbortSignal,
): Promise<ArrayBuffer | undefined> {
  if (isFramed(source, maxBytes)) return await readFramed(source, maxBytes, late);
  if (Number(source.headers.get("content-length")) > maxBytes) {
    await source.body?.cancel();
    return undefined;
  }
  return await readStream(source, maxBytes, late);
}

/**
 * Returns whether a body declares its length, and is not longer than a limit. HTTP delivers no more bytes than
 * declared, except for a compressed body.
 *
 * @param source The request or response.
 * @param maxBytes The largest size to accept.
 * @returns True if the body can be read in one piece.
 */
export function isFramed({ headers }: Request | Response, maxBytes: number): boolean {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= maxBytes && !headers.has("content-encoding");
}

/**
 * Reads the body in one piece, which costs a fraction of reading the stream. If each byte comes in its own packet, a
 * byte costs 1.4 to 7 µs; then the sender needs a minute or more for 1 MiB.
 */
async function readFramed(
  source: Request | Response,
  maxBytes: number,
  late?: AbortSignal,
): Promise<ArrayBuffer | undefined> {
  const buffer = await inTime(source.arrayBuffer(), late);
  return buffer === undefined || buffer.byteLength > maxBytes ? undefined : buffer;
}

/** Returns undefined if the signal fires first. A later failure of the read is ignored. */
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

/** Uses a reader, because a `for await` loop over the stream costs several times as much. */
async function readStream(
  { body }: Request | Response,
  maxBytes: number,
  late?: AbortSignal,
): Promise<ArrayBuffer | undefined> {
  let buffer = new ArrayBuffer(Math.min(maxBytes, FIRST_BUFFER_BYTES));
  let size = 0;
  let chunks = 0;
  const reader = body?.getReader();
  // Ends the pending read. It is not awaited, because the sender may not react. One listener serves all chunks.
  const stop = () => void reader?.cancel().catch(() => {});
  if (late?.aborted) stop();
  else late?.addEventListener("abort", stop, { once: true });
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    const chunk: Uint8Array = read.value;
    if (size + chunk.byteLength > maxBytes || ++chunks > maxChunks(maxBytes)) {
      late?.removeEventListener("abort", stop);
      await reader?.cancel();
      return undefined;
    }
    if (size + chunk.byteLength > buffer.byteLength) buffer = grow(buffer, size + chunk.byteLength, maxBytes);
    // Copied immediately, because a chunk of one byte may be a view of a buffer of 64 KiB.
    new Uint8Array(buffer).set(chunk, size);
    size += chunk.byteLength;
  }
  late?.removeEventListener("abort", stop);
  return late?.aborted ? undefined : buffer.slice(0, size);
}

/** At least 128, so that a short body may arrive in single bytes. */
function maxChunks(maxBytes: number): number {
  return Math.max(maxBytes, FIRST_BUFFER_BYTES) / BYTES_PER_CHUNK;
}

function grow(buffer: ArrayBuffer, neededBytes: number, maxBytes: number): ArrayBuffer {
  const grown = new ArrayBuffer(Math.min(maxBytes, Math.max(neededBytes, 2 * buffer.byteLength)));
  new Uint8Array(grown).set(new Uint8Array(buffer));
  return grown;
}
