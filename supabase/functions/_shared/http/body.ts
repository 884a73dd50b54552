/**
 * Reading bodies that strangers send, or that other services answer with: never more than a limit.
 *
 * @module
 */

/** A body as text, or why it is none. */
export type Body = { text: string; fault?: never } | { text?: never; fault: "too long" | "no UTF-8" };

/**
 * Reads a body as UTF-8 text, up to a limit. The text is exactly what was sent: a byte order mark stays, and what is
 * no UTF-8 is not replaced, since a signature covers the bytes.
 *
 * @param source The request or response.
 * @param limit The most bytes to take.
 * @returns The text, or the fault.
 */
export async function readText(source: Request | Response, limit: number): Promise<Body> {
  const bytes = await readBytes(source, limit);
  if (bytes === undefined) return { fault: "too long" };
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
 * @returns The bytes, or undefined where there are more.
 */
export async function readBytes(source: Request | Response, limit: number): Promise<ArrayBuffer | undefined> {
  if (Number(source.headers.get("content-length")) > limit) {
    await source.body?.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  const buffer = new ArrayBuffer(size);
  const bytes = new Uint8Array(buffer);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return buffer;
}
