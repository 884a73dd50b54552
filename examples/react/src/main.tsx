import { ClerkProvider } from "@clerk/react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./style.css";

createRoot(document.getElementById("root")!).render(
  <ClerkProvider
    publishableKey={import.meta.env.VITE_CLERK_PUBLISHABLE_KEY}
    // "/__clerk" on the local stack, which vite.config.ts forwards. Not set with a real Clerk instance.
    proxyUrl={import.meta.env.VITE_CLERK_PROXY_URL}
    telemetry={{ disabled: import.meta.env.VITE_CLERK_TELEMETRY_DISABLED === "1" }}
    signInUrl="/"
    signUpUrl="/sign-up"
  >
    <App />
  </ClerkProvider>,
);
