/**
 * The page that asks whom to sign in, in place of Clerk's sign-in page.
 *
 * @module
 */
import type { State } from "../state.ts";

/** The most users that the page names. */
const MOST = 50;

/**
 * Returns the page.
 *
 * @param state The simulator's memory.
 * @param name The application's name.
 * @param url The request's URL, which each link completes.
 * @returns The answer: 200 and HTML.
 */
export function authorizePage({ users }: State, name: string, url: string): Response {
  const newest = users.list({ field: "created_at", descending: true, limit: MOST, offset: 0 });
  const links = newest.flatMap(({ email_addresses }) => email_addresses.slice(0, 1)).map(({ email_address }) => {
    const link = new URL(url);
    link.searchParams.set("login_hint", email_address);
    return `<li><a href="${escapeHtml(link.pathname + link.search)}">${escapeHtml(email_address)}</a></li>`;
  });
  const list = links.length === 0 ? "<p>There is no user yet.</p>" : `<ul>${links.join("")}</ul>`;
  const title = `Sign in to ${escapeHtml(name)}`;
  const html =
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${list}</html>`;
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
