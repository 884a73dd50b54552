/**
 * `deno task send`: signs an event as Svix does and posts it to the webhook, so that no tunnel is needed to try it.
 *
 * @module
 */
import { parseArgs, parseEnv } from "node:util";
import { signWebhook } from "../supabase/functions/_shared/clerk/webhook.ts";

const HELP = `deno task send <event.json> [options]

Signs an event as Svix does, posts it to the webhook, and prints the answer.

  --url <url>   the webhook   (default: http://127.0.0.1:54321/functions/v1/clerk-webhook)
  --id <id>     message id    (default: a new one; the same id twice is a duplicate)
  --help        this text

The secret is CLERK_WEBHOOK_SECRET, from the environment or supabase/functions/.env.
Events to start from: tests/fixtures/*.json`;

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    url: { type: "string", default: "http://127.0.0.1:54321/functions/v1/clerk-webhook" },
    id: { type: "string", default: `msg_${crypto.randomUUID().replaceAll("-", "")}` },
    help: { type: "boolean", default: false },
  },
});

/** Sends the event; tells the exit code. */
async function main(): Promise<number> {
  const [file] = positionals;
  if (values.help || file === undefined) return print(HELP, values.help ? 0 : 1);
  const secret = Deno.env.get("CLERK_WEBHOOK_SECRET") || await secretOfFile();
  if (!secret) return print("Cannot sign: CLERK_WEBHOOK_SECRET is not set", 1);
  const body = await Deno.readTextFile(file);
  const headers = signWebhook(body, secret, { messageId: values.id, sentAt: Date.now() });
  const response = await fetch(values.url, { method: "POST", body, headers });
  return print(`${response.status} ${await response.text()}`, response.ok ? 0 : 1);
}

async function secretOfFile(): Promise<string | undefined> {
  try {
    const file = new URL("../supabase/functions/.env", import.meta.url);
    return parseEnv(await Deno.readTextFile(file)).CLERK_WEBHOOK_SECRET;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function print(text: string, code: number): number {
  // deno-lint-ignore no-console -- a command-line tool
  console.log(text);
  return code;
}

Deno.exit(await main());
