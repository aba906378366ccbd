import type { ColumnType } from 'kysely';
import type { JsonText } from '../json.js';

/** jsonb: read as a value, written as text made by `toJson`. */
export type Json<T> = ColumnType<T, JsonText<T>, JsonText<T>>;
export type NullableJson<T> = ColumnType<T | null, JsonText<T> | null, JsonText<T> | null>;
export type DefaultJson<T> = ColumnType<T, JsonText<T> | undefined, JsonText<T>>;
