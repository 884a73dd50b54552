/** Many webhooks at once: each is answered 200, and each user's row can be read then. */
import { assertEquals } from "@std/assert";
import { OURS } from "../../bench/row_stack.ts";
import { timeRows } from "../../bench/suites/row.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { startTestStack } from "../helpers/stack/stack.ts";

const stack = await startTestStack();
const test = testsOf("clerk-webhook ");

test("answers no 5xx to 64 webhooks in flight, cold and warm", async () => {
  // The function's process starts with the first ones.
  const { ms, serverErrors } = await timeRows(stack, OURS, { inFlight: 64, webhooks: 192 });
  assertEquals({ rows: ms.length, serverErrors }, { rows: 192, serverErrors: 0 });
});

test("the stack stops", () => stack.stop());
