/**
 * `send`: signs events as Svix does and posts them to the webhook, so that it can be tested without a tunnel.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { readWebhookSecrets } from "../../supabase/functions/_clerk-supabase/config.ts";
import { STORED_EVENTS } from "../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { signWebhook } from "../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { isObject, parseJson } from "../../supabase/functions/_clerk-supabase/formats/json.ts";
import { UnreachableError } from "../call.ts";
import { UsageError } from "../../project/errors.ts";
import { projectOption } from "../project_option.ts";
import type { CommandContext } from "../command_context.ts";
import { exampleMessages, type Message, readMessages } from "./events.ts";
import { arrange, type Disorder } from "./order.ts";
import { readRow, type Row } from "./rows.ts";

interface Options extends Disorder {
  url?: string;
  id?: string;
  user: string;
  examples?: boolean;
  project?: string;
  json?: boolean;
}

/** The result of a delivery. */
interface Delivery {
  id: string;
  type: string;
  status: number;
  answer: unknown;
}

const STORY = ["user.created", "user.updated", "session.created"];

/**
 * Adds `send` to the program.
 *
 * @param program The program.
 * @param context Everything outside of the command.
 */
export function addSend(program: Command, context: CommandContext): void {
  program.command("send")
    .description("Sign events as Svix does, post them to the webhook, and print each answer and the resulting rows.")
    .argument("[events...]", `samples (${STORED_EVENTS.join(", ")}), or files of events`, STORY)
    .addOption(
      new Option("--examples", 'every event that "Send Example" in Clerk\'s dashboard sends; each must be ignored')
        .conflicts(["id", "user"]),
    )
    .option("--url <url>", "the webhook (default: the project's)")
    .option("--user <id>", "the samples' user", `user_sample${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`)
    .option("--id <id>", "the message id of a single event")
    .option("--shuffle", "send them in random order")
    .option("--duplicate", "send each one twice")
    .option("--late", "send the first one last, as if its first attempts had failed")
    .addOption(projectOption())
    .option("--json", "print answers and rows as JSON")
    .action((events: string[], options: Options) => send(context, events, options));
}

async function send(context: CommandContext, events: string[], options: Options): Promise<void> {
  if (options.url !== undefined && !URL.canParse(options.url)) throw new UsageError("Cannot use --url: expected a URL");
  if (options.id === "" || options.user === "") throw new UsageError("Cannot use an empty --id or --user");
  const target = await context.findTarget({
    project: options.project,
    url: options.url && new URL(options.url).origin,
  });
  const webhook = options.url ?? `${target.url}/functions/v1/clerk-webhook`;
  const secret = readWebhookSecrets(target.env)[0]!;
  const messages = await chooseMessages(events, options, context.now());

  const deliveries: Delivery[] = [];
  for (const message of arrange(messages, options, Math.random)) {
    const delivery = await deliver(context, webhook, secret, message);
    deliveries.push(delivery);
    if (!options.json) context.print(describe(delivery));
  }
  const subjects = new Map(messages.flatMap((message) => message.subjects.map((subject) => [subject.id, subject])));
  const rows = Object.fromEntries(
    await Promise.all(
      Array.from(
        subjects,
        async ([id, subject]) => [id, await readRow(context, target, webhook, subject)] as const,
      ),
    ),
  );
  if (options.json) context.print(JSON.stringify({ messages, deliveries, rows }));
  else for (const [id, row] of Object.entries(rows)) context.print(`${id}: ${describeRow(row)}`);
  const wrong = deliveries.filter((delivery) => !(options.examples ? isIgnored(delivery) : isTaken(delivery)));
  if (options.examples && !options.json) context.print(describeExamples(deliveries.length, wrong.length));
  if (wrong.length > 0) context.setExitCode(1);
}

async function chooseMessages(events: string[], options: Options, now: number): Promise<Message[]> {
  if (options.examples) {
    if (events !== STORY) throw new UsageError("Cannot use --examples with other events");
    return exampleMessages();
  }
  const given = await readMessages(events, { userId: options.user, now });
  if (options.id === undefined) return given;
  if (given.length > 1) throw new UsageError("Cannot use --id: there are several events");
  return given.map((message) => ({ ...message, id: options.id! }));
}

const isTaken = ({ status }: Delivery) => status >= 200 && status <= 299;
const isIgnored = ({ status, answer }: Delivery) => status === 200 && isObject(answer) && answer.outcome === "ignored";

function describeExamples(all: number, wrong: number): string {
  if (wrong === 0) return `All ${all} examples are ignored, as they must be.`;
  return `${wrong} of ${all} examples are not ignored: deploy this version of clerk-webhook.`;
}

async function deliver(
  { fetch, now }: CommandContext,
  url: string,
  secret: string,
  { id, type, body }: Message,
): Promise<Delivery> {
  const headers = signWebhook(body, secret, { messageId: id, sentAt: now() });
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
    // Like Svix: redirects are not followed, and the timeout is the same.
    redirect: "manual",
    signal: AbortSignal.timeout(15_000),
  }).catch((error: unknown) => {
    throw new UnreachableError(url, error);
  });
  const text = await response.text();
  return { id, type, status: response.status, answer: parseJson(text) ?? text };
}

function describe({ id, type, status, answer }: Delivery): string {
  const said = isObject(answer) ? answer.outcome ?? `${answer.code}: ${answer.detail}` : answer;
  return `${type.padEnd(16)} ${id}  ${status} ${said}`;
}

function describeRow(row: Row): string {
  return typeof row === "string" ? row : JSON.stringify(row, null, 2);
}
