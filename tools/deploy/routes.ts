/**
 * Types and helpers for the routes of the recorded management API.
 *
 * @module
 */

/** A request as the routes get it. */
export interface ApiRequest {
  method: string;
  /** The path after the project's, such as `functions/deploy`; empty for the project itself. */
  route: string;
  query: URLSearchParams;
  json: unknown;
  form: FormData | undefined;
}

/** Answers its requests, and returns undefined for any other. */
export type Routes = (request: ApiRequest) => Response | undefined | Promise<Response | undefined>;

/**
 * Returns an error in the platform's form.
 *
 * @param status The status.
 * @param message The message that the CLI prints.
 * @returns The response.
 */
export function refusal(status: number, message: string): Response {
  return Response.json({ message }, { status });
}
