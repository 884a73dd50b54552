/**
 * An example with a stack of its own, for a file of tests.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { closeBrowser, type Visit, withPage } from "../../../tools/browser/chromium.ts";
import { browserTestsOf } from "../browser.ts";
import { testsOf } from "../shared_test.ts";
import { startTestStack, type TestStack } from "../stack/stack.ts";
import { type App, type Example, PATIENCE_MS, startExample } from "./app.ts";
import { calledRoutes, documentedRoutes } from "./documented_routes.ts";
import { type Recorder, startRecorder } from "./recorder.ts";

/** What the tests of an example share. */
export interface Running {
  stack: TestStack;
  app: App;
  /** What the app and its pages ask of the simulator. */
  recorder: Recorder;
}

/** Registers a test with a page of its own, which must complain of nothing. */
export type Register = (name: string, run: (page: Page, running: Running, visit: Visit) => Promise<void>) => void;

/**
 * Returns a `test` function for an app. The stack and the app start with the first test.
 *
 * @param name The app's name in docs/local-stack.md, with which every test's name begins.
 * @param start Starts the app.
 * @returns Registers a test; and `finish`, which registers what stops everything.
 */
export function appTestsOf(name: string, start: (stack: TestStack, recorder: Recorder) => Promise<App>) {
  const prefix = `${name}: `;
  const register = browserTestsOf(prefix);
  let running: Promise<Running> | undefined;
  const test: Register = (title, run) =>
    register(title, async () => {
      const shared = await (running ??= startAll(start));
      await withPage(async (page, visit) => {
        page.setDefaultTimeout(PATIENCE_MS);
        await run(page, shared, visit);
      });
    });
  const finish = () => {
    register("docs/local-stack.md lists the routes that the app and its pages called", async () => {
      const { recorder } = await (running ??= startAll(start));
      assertEquals(calledRoutes(recorder.calls), await documentedRoutes(name));
    });
    testsOf(prefix)("everything that was started is stopped", async () => {
      await closeBrowser();
      if (running) await stop(await running);
    });
  };
  return { test, finish };
}

async function startAll(start: (stack: TestStack, recorder: Recorder) => Promise<App>): Promise<Running> {
  const stack = await startTestStack();
  const recorder = startRecorder(stack.clerkUrl);
  return { stack, recorder, app: await start(stack, recorder) };
}

async function stop({ app, recorder, stack }: Running): Promise<void> {
  await app.stop();
  await recorder.close();
  await stack.stop();
}

/** As `appTestsOf()`, for a folder in `examples/`, with the variables that `dev --write-env` writes. */
export function exampleTestsOf(prefix: string, name: Example) {
  return appTestsOf(
    prefix,
    async (stack, { url }) => await startExample(name, { ...await stack.appSettings(), simulatorUrl: url }),
  );
}
