/** The process's own timer, whose alarm must not keep a function's process alive. */
import { assertEquals } from "@std/assert";

Deno.test("startTimer() keeps the process alive while a limit runs, and not after it was stopped", async () => {
  const module = new URL("../../supabase/functions/_clerk-supabase/http/after.ts", import.meta.url);
  const run = async (limitMs: number, then: string) => {
    const code = `import { startTimer } from ${JSON.stringify(module.href)};
      const { signal, stop } = startTimer(${limitMs});
      signal.addEventListener("abort", () => console.log("fired"));
      addEventListener("unload", () => console.log(performance.now() < 15_000 ? "ended" : "waited"));
      ${then}`;
    const args = ["eval", "--quiet", "--no-config", code];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
    return new TextDecoder().decode(stdout).trim().split("\n");
  };
  assertEquals(await run(50, ""), ["fired", "ended"]);
  assertEquals(await run(20_000, "stop();"), ["ended"]);
});
