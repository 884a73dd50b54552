/** What an app's `.env.local` gets, for the simulator and for a real Clerk instance. */
import { assertEquals } from "@std/assert";
import { setVariables } from "../../../../dev/apps/env_local.ts";
import { type AppSettings, frameworkOf, FRAMEWORKS } from "../../../../dev/apps/frameworks.ts";
import { SIMULATED } from "../../../helpers/apps/settings.ts";

const REAL: AppSettings = { ...SIMULATED, simulatorUrl: undefined };

const defined = (variables: Record<string, string | undefined>) =>
  Object.keys(variables).filter((name) => variables[name] !== undefined);

Deno.test("an app's framework is the one whose SDK its package.json has", () => {
  for (const framework of FRAMEWORKS) {
    for (const section of ["dependencies", "devDependencies"]) {
      assertEquals(frameworkOf(JSON.stringify({ [section]: { [framework.sdk]: "1.0.0" } })), framework);
    }
  }
  assertEquals(frameworkOf("{}"), undefined);
  assertEquals(frameworkOf('{ "dependencies": { "react": "19.0.0", "constructor": "1.0.0" } }'), undefined);
});

Deno.test("with a real Clerk instance no variable names a proxy or the simulator", () => {
  for (const { name, variables } of FRAMEWORKS) {
    const simulated = defined(variables(SIMULATED));
    const real = defined(variables(REAL));
    assertEquals(real.filter((one) => /PROXY|FAPI|API_URL|TELEMETRY/.test(one)), [], name);
    assertEquals(real.filter((one) => !simulated.includes(one)), [], name);
    assertEquals(real.filter((one) => one.endsWith("PUBLISHABLE_KEY")).length, 2, name);
  }
});

Deno.test("a variable that a browser or a phone sees never has the secret key", () => {
  for (const { name, variables } of FRAMEWORKS) {
    const visible = Object.entries(variables(SIMULATED)).filter(([one]) =>
      /^(VITE|NEXT_PUBLIC|EXPO_PUBLIC)_/.test(one)
    );
    assertEquals(visible.filter(([, value]) => value?.startsWith("sk_")), [], name);
  }
});

Deno.test("setVariables() replaces and removes its own variables, and leaves the others and comments as they are", () => {
  const text = '# mine\nOTHER="a b"\nexport A=old\n#A=comment\nB=old\n\nLAST=1\n\n\n';
  assertEquals(
    setVariables(text, { A: "new", B: undefined, C: "new" }),
    '# mine\nOTHER="a b"\n#A=comment\n\nLAST=1\nA=new\nC=new\n',
  );
  assertEquals(setVariables("", { A: "new" }), "A=new\n");
  assertEquals(setVariables("A=old", { A: undefined }), "");
});
