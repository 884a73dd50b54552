/**
 * What an app needs to use the local stack, by framework: variables of its `.env.local`, and lines of its code.
 *
 * @module
 */

/** What an app may know of the stack. */
export interface AppSettings {
  supabaseUrl: string;
  supabaseKey: string;
  publishableKey: string;
  /** For servers only. */
  secretKey: string | undefined;
  /** The simulator's address; undefined if the stack uses a real Clerk instance. */
  simulatorUrl: string | undefined;
}

/** A framework that Clerk has an SDK for. */
export interface Framework {
  name: string;
  /** The SDK: an app whose `package.json` has it is of this framework. */
  sdk: string;
  /** The page that explains it. */
  page: string;
  /** Returns the variables of `.env.local`; undefined removes one. */
  variables: (settings: AppSettings) => Record<string, string | undefined>;
  /** Lines of code, each with its file. They work with a real Clerk instance too. */
  code: ReadonlyArray<readonly [file: string, line: string]>;
}

/** Where an app serves Clerk's Frontend API as a part of itself: Clerk's own default for its proxies. */
const PROXY_PATH = "/__clerk";

/** Clerk's server SDKs forward `/__clerk` to `CLERK_FAPI_URL` if this option is on. */
const SERVER_PROXY = "clerkMiddleware({ frontendApiProxy: { enabled: process.env.CLERK_FAPI_URL !== undefined } })";

const proxyPath = ({ simulatorUrl }: AppSettings) => simulatorUrl && PROXY_PATH;
const frontendApi = ({ simulatorUrl }: AppSettings) => simulatorUrl && simulatorUrl + PROXY_PATH;

/** Nothing on the local stack is worth telling Clerk. A real instance's owner decides. */
const telemetryDisabled = ({ simulatorUrl }: AppSettings) => simulatorUrl && "1";

/** Variables of Clerk's server SDKs, and of their proxies. */
const serverVariables = (settings: AppSettings) => ({
  CLERK_SECRET_KEY: settings.secretKey,
  CLERK_API_URL: settings.simulatorUrl,
  CLERK_FAPI_URL: frontendApi(settings),
  CLERK_TELEMETRY_DISABLED: telemetryDisabled(settings),
});

/** Variables that a server keeps to itself. */
const ofServer = (settings: AppSettings) => ({
  SUPABASE_URL: settings.supabaseUrl,
  SUPABASE_PUBLISHABLE_KEY: settings.supabaseKey,
  CLERK_PUBLISHABLE_KEY: settings.publishableKey,
  CLERK_PROXY_URL: proxyPath(settings),
  ...serverVariables(settings),
});

export const FRAMEWORKS: readonly Framework[] = [
  {
    name: "Next.js",
    sdk: "@clerk/nextjs",
    page: "docs/nextjs.md",
    variables: (settings) => ({
      NEXT_PUBLIC_SUPABASE_URL: settings.supabaseUrl,
      NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY: settings.supabaseKey,
      NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: settings.publishableKey,
      NEXT_PUBLIC_CLERK_PROXY_URL: proxyPath(settings),
      NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED: telemetryDisabled(settings),
      ...serverVariables(settings),
    }),
    code: [["proxy.ts", `export default ${SERVER_PROXY};`]],
  },
  {
    name: "React with Vite",
    sdk: "@clerk/react",
    page: "docs/react.md",
    variables: (settings) => ({
      VITE_SUPABASE_URL: settings.supabaseUrl,
      VITE_SUPABASE_PUBLISHABLE_KEY: settings.supabaseKey,
      VITE_CLERK_PUBLISHABLE_KEY: settings.publishableKey,
      VITE_CLERK_PROXY_URL: proxyPath(settings),
      VITE_CLERK_TELEMETRY_DISABLED: telemetryDisabled(settings),
      CLERK_FAPI_URL: frontendApi(settings),
    }),
    code: [
      ["src/main.tsx", "<ClerkProvider proxyUrl={import.meta.env.VITE_CLERK_PROXY_URL} …>"],
      ["vite.config.ts", 'server: CLERK_FAPI_URL ? { proxy: { "/__clerk": new URL(CLERK_FAPI_URL).origin } } : {},'],
    ],
  },
  {
    name: "Hono",
    sdk: "@clerk/hono",
    page: "docs/hono.md",
    variables: ofServer,
    code: [["", `app.use(${SERVER_PROXY});`]],
  },
  {
    name: "Express",
    sdk: "@clerk/express",
    page: "docs/express.md",
    variables: ofServer,
    code: [["", `app.use(${SERVER_PROXY});`]],
  },
  {
    name: "Expo",
    sdk: "@clerk/expo",
    page: "docs/expo.md",
    variables: (settings) => ({
      EXPO_PUBLIC_SUPABASE_URL: settings.supabaseUrl,
      EXPO_PUBLIC_SUPABASE_PUBLISHABLE_KEY: settings.supabaseKey,
      EXPO_PUBLIC_CLERK_PUBLISHABLE_KEY: settings.publishableKey,
      // A native app has no server of its own, so it needs the simulator's whole address.
      EXPO_PUBLIC_CLERK_PROXY_URL: frontendApi(settings),
    }),
    code: [["app/_layout.tsx", "<ClerkProvider proxyUrl={process.env.EXPO_PUBLIC_CLERK_PROXY_URL} …>"]],
  },
];

/**
 * Finds an app's framework by the packages that it needs.
 *
 * @param packageJson The text of its `package.json`.
 * @returns The framework, or undefined if the app has none of Clerk's SDKs.
 */
export function frameworkOf(packageJson: string): Framework | undefined {
  const { dependencies, devDependencies } = JSON.parse(packageJson) as Record<
    string,
    Record<string, string> | undefined
  >;
  const packages = { ...dependencies, ...devDependencies };
  return FRAMEWORKS.find(({ sdk }) => Object.hasOwn(packages, sdk));
}
