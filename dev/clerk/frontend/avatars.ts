/**
 * Draws avatars of users and logos of organizations: initials on a colour.
 *
 * @module
 */
import { type Route, route } from "../http.ts";
import type { State } from "../state.ts";
import { FRONTEND_PATH } from "./path.ts";

/** The prefix of Clerk's image URLs. */
const CLERK_IMAGES = "https://img.clerk.com/";

/**
 * Returns the route of the images.
 *
 * @param state The state with the names.
 * @returns The route.
 */
export function avatarRoutes(state: State): Route[] {
  return [
    route("GET", `${FRONTEND_PATH}/avatars/:id`, ({ id = "" }) =>
      new Response(drawAvatar(id, nameOf(state, id)), {
        headers: {
          "content-type": "image/svg+xml",
          "cache-control": "no-cache",
          // Pages of any origin show it as an image. Opened directly, it must not run scripts.
          "content-security-policy": "default-src 'none'",
          "cross-origin-resource-policy": "cross-origin",
        },
      })),
  ];
}

/**
 * Returns a copy in which each `image_url` on Clerk's host is replaced by one of the simulator.
 *
 * @param url The simulator's URL.
 * @param value A JSON value.
 * @returns The copy.
 */
export function withLocalAvatars(url: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withLocalAvatars(url, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isImage = key === "image_url" && typeof item === "string" && item.startsWith(CLERK_IMAGES);
      return [
        key,
        isImage ? `${url}${FRONTEND_PATH}/avatars/${item.slice(CLERK_IMAGES.length)}` : withLocalAvatars(url, item),
      ];
    }),
  );
}

/**
 * Draws an avatar.
 *
 * @param seed Decides the colour.
 * @param name The name with the initials.
 * @returns An SVG image with up to two initials.
 */
export function drawAvatar(seed: string, name: string): string {
  const initials = name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
  const hue = [...seed].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 360, 7);
  const text = initials.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">` +
    `<rect width="80" height="80" fill="hsl(${hue} 45% 40%)"/>` +
    `<text x="40" y="51" font-family="sans-serif" font-size="32" fill="#fff" text-anchor="middle">${text}</text></svg>\n`;
}

/** Returns the name of a user or an organization; empty after its deletion. */
function nameOf({ users, organizations }: State, id: string): string {
  const user = users.get(id);
  if (!user) return organizations.get(id)?.name ?? "";
  const names = [user.first_name, user.last_name].filter((name) => name !== null).join(" ");
  return names || (user.email_addresses[0]?.email_address ?? "");
}
