import { OrganizationSwitcher, Show, SignIn, SignUp, UserButton } from "@clerk/react";
import { Profile } from "./Profile";

export function App() {
  return (
    <>
      <header>
        <strong style={{ marginRight: "auto" }}>Clerk and Supabase</strong>
        <Show when="signed-in">
          <OrganizationSwitcher />
          <UserButton />
        </Show>
      </header>
      <main>
        <Show when="signed-out">{location.pathname === "/sign-up" ? <SignUp /> : <SignIn />}</Show>
        <Show when="signed-in">
          <Profile />
        </Show>
      </main>
    </>
  );
}
