import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

export default defineConfig(({ mode }) => {
  // The local stack's Clerk simulator. Not set with a real Clerk instance, which needs no proxy.
  const { CLERK_FAPI_URL } = loadEnv(mode, import.meta.dirname, "CLERK_");
  return {
    plugins: [react()],
    server: CLERK_FAPI_URL ? { proxy: { "/__clerk": new URL(CLERK_FAPI_URL).origin } } : {},
  };
});
