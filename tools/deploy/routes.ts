/**
 * What the routes of the recorded management API are written with.
 *
 * @module
 */

/** What a route sees of a request. */
export interface ApiRequest {
  method: string;
  /** What follows the project's path, such as `functions/deploy`; empty for the project itself. */
  route: string;
  query: URLSearchParams;
  json: unknown;
  form: FormData | undefined;
}

/** Answers what it knows, and leaves the rest to others by undefined. */
export type Routes = (request: ApiRequest) => Response | undefined | Promise<Response | undefined>;

/**
 * Refuses in the platform's form.
 *
 * @param status The status.
 * @param message What the CLI shows.
 * @returns The response.
 */
export function refusal(status: number, message: string): Response {
  return Response.json({ message }, { status });
}
