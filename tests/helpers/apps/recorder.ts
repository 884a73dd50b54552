/**
 * A proxy in front of the simulator that notes which routes Clerk's SDKs call.
 *
 * @module
 */
import { listen } from "../../../project/listen.ts";

/** A route that was called. */
export interface Call {
  /** Such as `POST /__clerk/v1/client/sessions/{id}/tokens`. */
  route: string;
  status: number;
}

/** The proxy. */
export interface Recorder {
  url: string;
  calls: Call[];
  close: () => Promise<void>;
}

/** Ids of Clerk's objects, such as `user_2x…`, and versions of its scripts. */
const VARIABLE_PARTS: ReadonlyArray<[RegExp, string]> = [
  [/\/[a-z]+_[0-9A-Za-z]{20,}(?=\/|$)/g, "/{id}"],
  [/(@clerk\/[\w-]+)@[^/]+\/dist\/.*/, "$1@{version}/dist/{file}"],
];

/**
 * Starts the proxy.
 *
 * @param target The simulator's address.
 */
export function startRecorder(target: string): Recorder {
  const calls: Call[] = [];
  const listener = listen(0);
  listener.serve(async (request) => {
    const { pathname, search, searchParams } = new URL(request.url);
    const { method, headers, body } = request;
    // Without the request's signal, which Deno aborts once the request was answered.
    const response = await fetch(target + pathname + search, { method, headers, body, redirect: "manual" });
    // clerk-js sends every change as a POST, and says in the query which method it means.
    calls.push({ route: `${searchParams.get("_method") ?? method} ${patternOf(pathname)}`, status: response.status });
    return new Response(response.body, { status: response.status, headers: headersOf(response) });
  });
  return { url: listener.url, calls, close: listener.close };
}

/** What the body was encoded with is undone by now. */
function headersOf({ headers }: Response): Headers {
  const copy = new Headers(headers);
  copy.delete("content-encoding");
  copy.delete("content-length");
  return copy;
}

function patternOf(path: string): string {
  return VARIABLE_PARTS.reduce(
    (text, [pattern, replacement]) => text.replaceAll(new RegExp(pattern, "g"), replacement),
    path,
  );
}
