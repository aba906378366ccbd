import type { Generated, GeneratedAlways } from 'kysely';
import type { LocalDate, UnitId, UserId } from '../../domain/model/ids.js';
import type { Json, NullableJson } from './columns.js';

/* Units, the people who work in them, and how they sign in. */

/** Units: a tree with validity. path = '/u1/u4/' of surrogates; names may repeat and change. */
export interface UnitsTable {
  county_id: string;
  unit_id: UnitId;
  level: string;
  parent_id: UnitId | null;
  path: string;
  name: string;
  code: string | null;
  kind: string | null;
  valid_from: LocalDate | null;
  valid_to: LocalDate | null;
  successors: Generated<readonly string[]>;
  version: Generated<number>;
  stored_at: Generated<Date>;
}

export interface UnitEventsTable {
  county_id: string;
  unit_event_id: GeneratedAlways<number>;
  unit_id: UnitId;
  kind: 'created' | 'renamed' | 'moved' | 'merged' | 'split' | 'retired';
  on_date: LocalDate;
  detail: Json<unknown>;
  by_user: UserId;
}

export interface UsersTable {
  county_id: string;
  user_id: UserId;
  login: string;
  name: string;
  phone: string | null;
  email: string | null;
  password_hash: string | null;
  must_change: Generated<boolean>;
  demonstration: Generated<boolean>;
  failed: Generated<number>;
  locked_until: Date | null;
  disabled: Generated<boolean>;
  language: Generated<string>;
  version: Generated<number>;
  stored_at: Generated<Date>;
}

/** A role held at a unit for a time; definition_id null = in every campaign. Engine roles: admin, auditor. */
export interface HoldingsTable {
  county_id: string;
  holding_id: GeneratedAlways<number>;
  user_id: UserId;
  role: string;
  unit_id: UnitId;
  definition_id: string | null;
  valid_from: LocalDate | null;
  valid_to: LocalDate | null;
  stand_in_for: string | null;
  paper: NullableJson<unknown>;
  stored_at: Generated<Date>;
}

export interface SessionsTable {
  county_id: string;
  token_hash: string;
  user_id: UserId;
  kind: 'session' | 'token';
  label: string | null;
  expires_at: Date | null;
  last_used_at: Date | null;
  stored_at: Generated<Date>;
}
