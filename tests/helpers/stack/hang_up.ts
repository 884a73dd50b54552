/**
 * Calls a function without waiting for the response.
 *
 * @module
 */
import { signWebhook } from "../../../supabase/functions/_clerk-supabase/clerk/webhook.ts";
import { hasCaller, listeningPorts } from "../../../project/process_usage.ts";
import { eventually } from "../../../project/eventually.ts";
import type { TestStack } from "./stack.ts";

/**
 * Sends a signed event directly to a function's process, because the gateway would keep waiting in the caller's place.
 *
 * @param stack The stack.
 * @param name The function.
 * @param event The event. It must be short, so that the function can notice that its caller is gone.
 * @param messageId The message's id.
 * @param options The part of the body to send; all of it by default.
 * @returns Closes the connection, and waits until the function's process has noticed.
 */
export async function callAndHangUp(
  stack: TestStack,
  name: string,
  event: unknown,
  messageId: string,
  { part = 1 }: { part?: number } = {},
): Promise<() => Promise<void>> {
  const body = JSON.stringify(event);
  const encode = (text: string) => new TextEncoder().encode(text);
  const { length } = encode(body);
  const signed = signWebhook(body, stack.clerk.state.instance.webhookSecret, { messageId, sentAt: Date.now() });
  const lines = [
    `POST /${name} HTTP/1.1`,
    "host: function",
    `content-length: ${length}`,
    ...Object.entries(signed).map(([header, value]) => `${header}: ${value}`),
  ];
  const caller = await Deno.connect({ hostname: "127.0.0.1", port: await portOf(stack, name) });
  // Written at once: Deno.serve notices a disconnected caller only if a short body arrived together with the head.
  const writer = caller.writable.getWriter();
  await writer.write(encode(`${lines.join("\r\n")}\r\n\r\n${body.slice(0, body.length * part)}`));
  writer.releaseLock();
  return async () => {
    caller.close();
    const pid = await stack.workers.pid(name);
    await eventually(async () => {
      if (await hasCaller(pid, caller.localAddr.port)) {
        throw new Error("The process has not yet noticed the closed connection");
      }
    });
    // A response to this request shows that the process has seen everything that arrived before it.
    await (await stack.call(name, { method: "POST" })).body?.cancel();
  };
}

async function portOf(stack: TestStack, name: string): Promise<number> {
  const pid = await stack.workers.pid(name);
  return await eventually(async () => {
    const [port] = await listeningPorts(pid);
    if (port === undefined) throw new Error(`${name} is not listening yet`);
    return port;
  });
}
