/**
 * `deno task send`: signs an event as Svix does and posts it to the webhook, so that no tunnel is needed to try it.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { readFunctionVariables } from "../dev/gateway/environment.ts";
import { signWebhook } from "../supabase/functions/_shared/clerk/webhook.ts";

const HELP = `deno task send <event.json> [options]

Signs an event as Svix does, posts it to the webhook, and prints the answer.

  --url <url>   the webhook   (default: http://127.0.0.1:54321/functions/v1/clerk-webhook)
  --id <id>     message id    (default: a new one; the same id twice is a duplicate)
  --help        this text

The secret is CLERK_WEBHOOK_SECRET (or CLERK_WEBHOOK_SIGNING_SECRET), from the environment or supabase/functions/.env.
With deno task dev, it is the whsec_… that is printed there.
An event to start from: tests/fixtures/specification_payload.json`;

function readFlags() {
  return parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      url: { type: "string", default: "http://127.0.0.1:54321/functions/v1/clerk-webhook" },
      id: { type: "string", default: `msg_${crypto.randomUUID().replaceAll("-", "")}` },
      help: { type: "boolean", default: false },
    },
  });
}

/** Sends the event; tells the exit code. */
async function main(): Promise<number> {
  const { values, positionals: [file] } = readFlags();
  if (values.help || file === undefined) return print(HELP, values.help ? 0 : 1);
  const secret = await findSecret();
  if (!secret) return print("Cannot sign: CLERK_WEBHOOK_SECRET is not set", 1);
  const body = await Deno.readTextFile(file);
  const headers = signWebhook(body, secret, { messageId: values.id, sentAt: Date.now() });
  const response = await fetch(values.url, { method: "POST", body, headers });
  return print(`${response.status} ${await response.text()}`, response.ok ? 0 : 1);
}

/** The first of the configured secrets: any of them is accepted. */
async function findSecret(): Promise<string | undefined> {
  const file = await readFunctionVariables();
  const names = ["CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"];
  const values = names.map((name) => Deno.env.get(name) || file[name]);
  return values.find((value) => value)?.split(/[\s,]+/)[0];
}

function print(text: string, code: number): number {
  // deno-lint-ignore no-console -- a command-line tool
  console.log(text);
  return code;
}

try {
  Deno.exit(await main());
} catch (error) {
  Deno.exit(print(`Cannot send: ${error instanceof Error ? error.message : error}`, 1));
}
