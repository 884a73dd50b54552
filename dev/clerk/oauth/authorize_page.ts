/**
 * The page that asks which user to sign in. It stands in for Clerk's sign-in page.
 *
 * @module
 */
import type { State } from "../state.ts";

/** The most users that the page lists. */
const MAX_LISTED_USERS = 50;

/**
 * Returns a page with one link per user.
 *
 * @param state The simulator's state.
 * @param name The application's name.
 * @param url The request's URL, to which each link adds the user.
 * @returns Status 200 with HTML.
 */
export function authorizePage({ users }: State, name: string, url: string): Response {
  const newest = users.list({ field: "created_at", descending: true, limit: MAX_LISTED_USERS, offset: 0 });
  const links = newest.flatMap(({ email_addresses }) => email_addresses.slice(0, 1)).map(({ email_address }) => {
    const link = new URL(url);
    link.searchParams.set("login_hint", email_address);
    return `<li><a href="${escapeHtml(link.pathname + link.search)}">${escapeHtml(email_address)}</a></li>`;
  });
  const list = links.length === 0 ? "<p>No users yet.</p>" : `<ul>${links.join("")}</ul>`;
  const title = `Sign in to ${escapeHtml(name)}`;
  const html =
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${list}</html>`;
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
