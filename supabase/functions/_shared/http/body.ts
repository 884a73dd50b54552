/**
 * Reading bodies that strangers send, or that other services answer with: never more than a limit.
 *
 * @module
 */

/**
 * Reads a body as UTF-8 text, up to a limit. The text is exactly what was sent: a byte order mark stays.
 *
 * @param source The request or response.
 * @param limit The most bytes to take.
 * @returns The text, or undefined where the body is longer than the limit.
 */
export async function readText(source: Request | Response, limit: number): Promise<string | undefined> {
  if (Number(source.headers.get("content-length")) > limit) {
    await source.body?.cancel();
    return undefined;
  }
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let size = 0;
  let text = "";
  for await (const chunk of source.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (size > limit) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
