/**
 * `deno task screenshots`: takes screenshots of the demo page for the documentation, on a separate stack.
 *
 * @module
 */
import { withPage } from "./browser/chromium.ts";
import { addResume, open, rename, replay, seesDeliveries, signUp, warmUp } from "./browser/demo_page.ts";
import { startThrowawayStack } from "../dev/throwaway_stack.ts";

const FOLDER = new URL("../docs/images/", import.meta.url);

/** A screenshot; its name is the name of its file. */
interface Picture {
  name: string;
  width: number;
  height: number;
  colorScheme: "light" | "dark";
}

const PICTURES: readonly Picture[] = [
  { name: "demo-light", width: 1080, height: 1090, colorScheme: "light" },
  { name: "demo-dark", width: 1080, height: 840, colorScheme: "dark" },
  { name: "demo-mobile", width: 390, height: 844, colorScheme: "light" },
];

async function take(url: string, { name, width, height, colorScheme }: Picture): Promise<void> {
  await withPage(async (page) => {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await open(page, url);
    await signUp(page, { name: "Ada", email: `ada@${name}.example` });
    await seesDeliveries(page, ["user.created created", "session.created updated"]);
    await addResume(page, "Notes on the Analytical Engine");
    await rename(page, "Augusta Ada");
    await replay(page, "Send out of order");
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
    // The timeline refreshes twice a second.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await page.screenshot({ path: new URL(`${name}.png`, FOLDER).pathname });
  });
}

await Deno.mkdir(FOLDER, { recursive: true });
const stack = await startThrowawayStack();
try {
  await warmUp(stack);
  for (const picture of PICTURES) await take(stack.url, picture);
} finally {
  await stack.stop();
}
Deno.exit(0);
