/**
 * A browser of the simulator's Frontend API, without a page: it keeps its cookie and sends forms as clerk-js does.
 *
 * @module
 */

/** The origin that the requests come from. */
export const PAGE_ORIGIN = "http://127.0.0.1:3000";

/** An answer. */
export interface FrontendAnswer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- each test knows what it asked for
  body: any;
}

/** A browser. */
export interface FrontendBrowser {
  /** Sends a form with a method of HTTP, which is POST on the wire as clerk-js has it. */
  send: (method: string, path: string, form?: Record<string, string>) => Promise<FrontendAnswer>;
  /** Sends it, and returns status and code of the refusal. */
  refusal: (method: string, path: string, form?: Record<string, string>) => Promise<[number, string]>;
  /** The cookie, as it is now. */
  cookie: () => string;
}

/**
 * Opens a browser that has not been here.
 *
 * @param simulator Where.
 * @returns The browser.
 */
export function openBrowser({ url }: { url: string }): FrontendBrowser {
  let cookie = "";
  const send: FrontendBrowser["send"] = async (method, path, form = {}) => {
    const address = new URL(`${url}/__clerk/v1${path}`);
    if (method !== "GET") address.searchParams.set("_method", method);
    const response = await fetch(address, {
      method: method === "GET" ? "GET" : "POST",
      headers: { origin: PAGE_ORIGIN, cookie },
      redirect: "manual",
      ...(method === "GET" ? {} : { body: new URLSearchParams(form) }),
    });
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  return {
    send,
    refusal: async (...request) => {
      const { status, body } = await send(...request);
      return [status, body.errors?.[0].code];
    },
    cookie: () => cookie,
  };
}

/** The newest code that was sent to an address or a number. */
export async function codeTo({ url }: { url: string }, to: string): Promise<string> {
  const response = await fetch(`${url}/dev/code?to=${encodeURIComponent(to)}`);
  const text = await response.text();
  return response.ok ? text : `${response.status}`;
}
