/** Who takes the processors during a measurement, on this machine. */
import { assertEquals } from "@std/assert";
import { watchMachine } from "../../bench/machine.ts";

Deno.test("a daemon that the run starts is not named among others", async () => {
  const stop = await watchMachine();
  // As pg_ctl does it, the shell ends and leaves its child to the process that adopts orphans.
  const shell = "while :; do :; done >/dev/null 2>&1 & echo $!";
  const { stdout } = await new Deno.Command("sh", { args: ["-c", shell] }).output();
  const pid = Number(new TextDecoder().decode(stdout));
  try {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { busiest } = await stop();
    assertEquals(busiest.filter((name) => name.endsWith(`(pid ${pid})`)), []);
  } finally {
    Deno.kill(pid);
  }
});
