/**
 * Origins as people configure them, and as browsers send them.
 *
 * @module
 */

/** http(s) with a host, perhaps a port and one slash: no path, query, fragment or credentials. */
const WEB = /^https?:\/\/[^/\\?#@%\s"'<>]+\/?$/i;
/** A native app has a scheme of its own, such as capacitor://localhost. */
const NATIVE = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/[^/?#*\s"']+$/;
/** A pattern's first label: one star beside at least three fixed characters, of which one is a letter or digit. */
const STARRED_LABEL = /^(?=(?:[*-]*[a-z0-9-]){3})(?=.*[a-z0-9])[a-z0-9-]*\*[a-z0-9-]*$/;
/** Names that anybody can register one label below. Not all of them: only those that look alike. */
const REGISTRY = /^(?:[^.]+|(?:ac|co|com|edu|gov|go|ne|net|or|org)\.[a-z]{2})$/;
/** What a star stands for: a part of one label. */
const PART = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";

/**
 * Reads a configured origin.
 *
 * @param value An origin, or a pattern whose first label has one `*` beside fixed text: `https://*-my-team.vercel.app`.
 * A star alone is refused as a label, because anybody can deploy below hosts such as `vercel.app`.
 * @returns It as browsers write it (lower case, no default port, no slash at the end); undefined if it is neither.
 *
 * @example
 * ```ts
 * import { parseOrigin } from "./origins.ts";
 *
 * if (parseOrigin("https://App.Example.com:443/") !== "https://app.example.com") throw new Error();
 * if (parseOrigin("https://*.vercel.app") !== undefined) throw new Error();
 * ```
 */
export function parseOrigin(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined;
  if (!WEB.test(value)) return NATIVE.test(value) ? value : undefined;
  const { origin } = new URL(value);
  // A URL turns some other characters into a star, such as the full-width one.
  return !`${value}${origin}`.includes("*") || (isAscii(value) && isPattern(origin)) ? origin : undefined;
}

/** The host of a pattern: starred first label, then a domain that somebody owns, as far as can be told from its form. */
function isPattern(origin: string): boolean {
  const { protocol, hostname, host } = new URL(origin);
  const [label = "", ...labels] = hostname.split(".");
  const domain = labels.join(".");
  return protocol === "https:" && STARRED_LABEL.test(label) && !host.slice(label.length).includes("*") &&
    !REGISTRY.test(domain) && /^[a-z]/.test(labels.at(-1) ?? "");
}

/** A star inside of another alphabet's label would be encoded with it. */
function isAscii(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value);
}

/**
 * Creates the test of whether an origin is allowed.
 *
 * @param allowed What {@linkcode parseOrigin} returned, any of which will do.
 * @returns The test. An origin is compared as it is sent, byte by byte: browsers send one form only.
 *
 * @example
 * ```ts
 * import { createOriginTest } from "./origins.ts";
 *
 * const isAllowed = createOriginTest(["https://app.example.com", "https://*-my-team.vercel.app"]);
 * if (!isAllowed("https://app-git-main-my-team.vercel.app")) throw new Error();
 * if (isAllowed("https://evil.com/-my-team.vercel.app")) throw new Error();
 * ```
 */
export function createOriginTest(allowed: readonly string[]): (origin: string) => boolean {
  const exact = new Set(allowed.filter((origin) => !origin.includes("*")));
  const patterns = allowed.filter((origin) => origin.includes("*")).map(compile);
  return (origin) => exact.has(origin) || patterns.some((pattern) => pattern.test(origin));
}

/** An internationalized label (`xn--…`) reads as other text than it is matched by, so no star stands for one. */
function compile(pattern: string): RegExp {
  const [before, after] = pattern.split("*").map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  const readable = before!.includes("xn--") ? "" : "(?!https:\\/\\/xn--)";
  return new RegExp(`^${readable}${before}${PART}${after}$`);
}
