/**
 * Reads pages of documentation for tests.
 *
 * @module
 */
import GithubSlugger from "github-slugger";
import { marked, type Token } from "marked";
import { ROOT } from "../../../project/root.ts";
import { trackedFiles } from "../../../project/repository_files.ts";

/** A page. */
export interface Page {
  /** The path from the root of the repository. */
  path: string;
  /** Anchors that a link can use after `#`, as GitHub derives them from the headings. */
  anchors: Set<string>;
  /** Links and images. */
  links: Link[];
  /** Texts in backticks. */
  spans: string[];
  /** Fenced code. */
  blocks: Block[];
}

/** A link, or an image. */
export interface Link {
  href: string;
  text: string;
  /** The title that a browser shows on hover. */
  title: string;
}

/** Fenced code. */
export interface Block {
  /** The info string of the fence; empty if there is none. */
  language: string;
  code: string;
}

/** Reads a page. */
export function parsePage(path: string, markdown: string): Page {
  const page: Page = { path, anchors: new Set(), links: [], spans: [], blocks: [] };
  const slugger = new GithubSlugger();
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type === "heading") page.anchors.add(slugger.slug(plainText(token.tokens ?? [])));
    else if (token.type === "link" || token.type === "image") page.links.push(describeLink(token));
    else if (token.type === "codespan") page.spans.push(token.text);
    else if (token.type === "code") page.blocks.push({ language: token.lang ?? "", code: token.text });
    else if (token.type === "html") page.links.push(...linksOfHtml(token.raw));
  });
  return page;
}

/** Reads every page of the project. */
export async function readPages(): Promise<Page[]> {
  const paths = (await trackedFiles()).filter((path) => path.endsWith(".md"));
  return await Promise.all(paths.map(async (path) => parsePage(path, await Deno.readTextFile(new URL(path, ROOT)))));
}

function describeLink(token: Token): Link {
  const { href, text, title } = token as { href: string; text: string; title?: string | null };
  return { href, text, title: title ?? "" };
}

/** Returns a heading's text without markup, from which GitHub derives an anchor. */
function plainText(tokens: readonly Token[]): string {
  return tokens.map((token) =>
    "tokens" in token && token.tokens ? plainText(token.tokens) : "text" in token ? token.text : ""
  ).join("");
}

function linksOfHtml(html: string): Link[] {
  const found = html.matchAll(/<\w+\b[^>]*?\s(?:href|src)="([^"]*)"/g);
  return [...found].map(([, href]) => ({ href: href!, text: "", title: "" }));
}

/** Returns all code of a page, without shell comments. */
export function codeOf({ blocks, spans }: Page): string[] {
  return [...blocks.map(({ code }) => code), ...spans].map((code) => code.replaceAll(/(^|\s)#.*$/gm, ""));
}
