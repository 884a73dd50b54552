/**
 * Reads tar archives as npm packs them.
 *
 * @module
 */

const BLOCK_BYTES = 512;

/**
 * Returns the regular files of an archive. Names that need tar's extensions for long paths are cut at 100 characters.
 *
 * @param archive The archive, unpacked.
 * @returns Contents by path, such as `package/dist/index.js`.
 */
export function readTar(archive: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at + BLOCK_BYTES <= archive.length;) {
    const name = textAt(archive, at, 100);
    if (name === "") break;
    const prefix = textAt(archive, at + 345, 155);
    const sizeBytes = parseInt(textAt(archive, at + 124, 12), 8);
    const type = textAt(archive, at + 156, 1);
    const begin = at + BLOCK_BYTES;
    // "0" or nothing is a file; the others are folders, links and headers of tar's extensions.
    if (type === "0" || type === "") {
      files.set(prefix === "" ? name : `${prefix}/${name}`, archive.subarray(begin, begin + sizeBytes));
    }
    at = begin + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}

function textAt(archive: Uint8Array, begin: number, lengthBytes: number): string {
  const field = archive.subarray(begin, begin + lengthBytes);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end)).trim();
}
