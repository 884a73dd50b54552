/**
 * The database as supabase-js sees it, as `supabase gen types` says. Made from the migrations by `deno task types`, and
 * not to be edited.
 *
 * @module
 */

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "organization_memberships": {
        Row: {
          "clerk_membership_id": string;
          "created_at": string;
          "id": string;
          "metadata": NonNullable<Json>;
          "organization_id": string;
          "role": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "clerk_membership_id": string;
          "created_at": string;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "organization_id": string;
          "role": string;
          "updated_at": string;
          "user_id": string;
        };
        Update: {
          "clerk_membership_id"?: string;
          "created_at"?: string;
          "id"?: string;
          "metadata"?: NonNullable<Json>;
          "organization_id"?: string;
          "role"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_memberships_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_memberships_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "organizations": {
        Row: {
          "clerk_organization_id": string;
          "created_at": string;
          "deleted_at": string | null;
          "id": string;
          "image_url": string | null;
          "metadata": NonNullable<Json>;
          "name": string;
          "slug": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "clerk_organization_id": string;
          "created_at": string;
          "deleted_at"?: string | null;
          "id"?: string;
          "image_url"?: string | null;
          "metadata"?: NonNullable<Json>;
          "name": string;
          "slug"?: string | null;
          "updated_at": string;
        };
        Update: {
          "clerk_organization_id"?: string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "id"?: string;
          "image_url"?: string | null;
          "metadata"?: NonNullable<Json>;
          "name"?: string;
          "slug"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "projects": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "description": string;
          "id": string;
          "name": string;
          "organization_id": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "description"?: string;
          "id"?: string;
          "name": string;
          "organization_id"?: string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "description"?: string;
          "id"?: string;
          "name"?: string;
          "organization_id"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "projects_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "projects_organization_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
        ];
      };
      "resumes": {
        Row: {
          "content": string;
          "created_at": string;
          "id": string;
          "title": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "content"?: string;
          "created_at"?: string;
          "id"?: string;
          "title": string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "content"?: string;
          "created_at"?: string;
          "id"?: string;
          "title"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "resumes_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "users": {
        Row: {
          "clerk_user_id": string;
          "created_at": string;
          "deleted_at": string | null;
          "email": string | null;
          "email_verified": boolean;
          "first_name": string | null;
          "id": string;
          "last_name": string | null;
          "last_sign_in_at": string | null;
          "metadata": Json | null;
          "profile_image_url": string | null;
          "updated_at": string;
          "username": string | null;
        };
        ComputedFields: never;
        Insert: {
          "clerk_user_id": string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "email"?: string | null;
          "email_verified"?: boolean;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "last_sign_in_at"?: string | null;
          "metadata"?: Json | null;
          "profile_image_url"?: string | null;
          "updated_at"?: string;
          "username"?: string | null;
        };
        Update: {
          "clerk_user_id"?: string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "email"?: string | null;
          "email_verified"?: boolean;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "last_sign_in_at"?: string | null;
          "metadata"?: Json | null;
          "profile_image_url"?: string | null;
          "updated_at"?: string;
          "username"?: string | null;
        };
        Relationships: [];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      "apply_clerk_changes": { Args: { "changes": Json }; Returns: Json };
      "apply_clerk_changes_of": { Args: { "changes": Json; "instance_id": string }; Returns: Json };
      "bind_clerk_instance": { Args: { "bound_by"?: string; "instance_id": string }; Returns: Json };
      "caller_deleted_at": { Args: Record<PropertyKey, never>; Returns: string };
      "caller_has_permission": { Args: { "permission": string }; Returns: boolean };
      "caller_has_role": { Args: { "role": string }; Returns: boolean };
      "caller_organization_id": { Args: Record<PropertyKey, never>; Returns: string };
      "caller_user_id": { Args: Record<PropertyKey, never>; Returns: string };
      "clerk_diagnosis": { Args: Record<PropertyKey, never>; Returns: Json };
      "clerk_instance": { Args: Record<PropertyKey, never>; Returns: Json };
      "clerk_status": { Args: Record<PropertyKey, never>; Returns: Json };
      "count_clerk_memberships": { Args: { "known_before"?: string }; Returns: number };
      "count_clerk_organizations": { Args: { "known_before"?: string }; Returns: number };
      "count_clerk_users": { Args: { "known_before"?: string }; Returns: number };
      "lease_reconcile": { Args: { "seconds": number }; Returns: Json };
      "list_clerk_memberships": { Args: { "after": string; "size": number }; Returns: Json };
      "list_clerk_organizations": { Args: { "after": string; "size": number }; Returns: Json };
      "list_clerk_refusals": { Args: { "after": string; "size": number }; Returns: Json };
      "list_clerk_users": { Args: { "after": string; "size": number }; Returns: Json };
      "move_clerk_instance": { Args: { "from_instance": string; "to_instance": string }; Returns: Json };
      "preview_clerk_changes": { Args: { "changes": Json }; Returns: Json };
      "retry_clerk_deletions": { Args: { "size": number }; Returns: Json };
      "retry_clerk_organizations": { Args: { "delete_mode": string; "size": number }; Returns: Json };
      "save_reconcile": { Args: { "lease": string; "seconds": number; "state": Json }; Returns: boolean };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Insert: infer I;
  } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Update: infer U;
  } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
