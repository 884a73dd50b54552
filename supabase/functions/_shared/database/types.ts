/**
 * The database as supabase-js sees it.
 *
 * @module
 */

/** Anything that JSON holds. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

/** Tables and functions of the schema `public`. */
export type Database = {
  public: {
    Tables: {
      resumes: {
        Row: { content: string; created_at: string; id: string; title: string; updated_at: string; user_id: string };
        Insert: { content?: string; title: string };
        Update: { content?: string; title?: string };
        Relationships: [];
      };
      users: {
        Row: {
          clerk_user_id: string;
          created_at: string;
          deleted_at: string | null;
          email: string | null;
          first_name: string | null;
          id: string;
          last_name: string | null;
          last_sign_in_at: string | null;
          metadata: Json;
          profile_image_url: string | null;
          updated_at: string;
          username: string | null;
        };
        Insert: Record<never, never>;
        Update: Record<never, never>;
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: {
      apply_clerk_changes: { Args: { changes: Json }; Returns: Json };
      caller_deleted_at: { Args: never; Returns: string };
      caller_user_id: { Args: never; Returns: string };
      clerk_diagnosis: { Args: never; Returns: Json };
      clerk_status: { Args: never; Returns: Json };
      count_clerk_users: { Args: never; Returns: number };
      lease_reconcile: { Args: { seconds: number }; Returns: Json };
      list_clerk_users: { Args: { after: string; size: number }; Returns: Json };
      preview_clerk_changes: { Args: { changes: Json }; Returns: Json };
      save_reconcile: { Args: { lease: string; seconds: number; state: Json }; Returns: boolean };
    };
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
};
