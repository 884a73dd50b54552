import { assertEquals } from "@std/assert";
import { EXAMPLE_EVENTS } from "../../../project/example_events.ts";
import { STORED_EVENTS } from "../../../supabase/functions/_clerk-supabase/clerk/event.ts";
import { EXAMPLE_IDS, isExample } from "../../../supabase/functions/clerk-webhook/examples.ts";

Deno.test("EXAMPLE_EVENTS are all recognized, and have every published id", () => {
  for (const { type, data, instance_id } of EXAMPLE_EVENTS) assertEquals(isExample(data, instance_id), true, type);
  const text = JSON.stringify(EXAMPLE_EVENTS);
  assertEquals(EXAMPLE_IDS.filter((id) => !text.includes(`"${id}"`)), []);
});

Deno.test("EXAMPLE_EVENTS have every stored type, and each kind of object also without an instance", () => {
  const types = (events: typeof EXAMPLE_EVENTS) => new Set(events.map(({ type }) => type));
  const nameless = types(EXAMPLE_EVENTS.filter(({ instance_id }) => instance_id === undefined));
  const all = types(EXAMPLE_EVENTS);
  assertEquals(STORED_EVENTS.filter((type) => !all.has(type)), []);
  const kinds = new Set([...nameless].map((type) => type.split(".")[0]));
  assertEquals(STORED_EVENTS.filter((type) => !kinds.has(type.split(".")[0])), []);
  assertEquals(all.size, 45);
});
