/**
 * The settings of a stack for an app's tests.
 *
 * @module
 */
import type { AppSettings } from "../../../dev/apps/frameworks.ts";

/** A stack with the simulator. */
export const SIMULATED: AppSettings = {
  supabaseUrl: "http://127.0.0.1:54321",
  supabaseKey: "sb_publishable_x",
  publishableKey: "pk_test_x",
  secretKey: "sk_test_x",
  simulatorUrl: "http://127.0.0.1:54350",
};
