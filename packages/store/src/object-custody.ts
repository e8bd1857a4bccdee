/** One generation of an object, as far as it matters for keeping and deleting it. */
export interface ObjectState {
  readonly name: string;
  readonly generation: string;
  /** RFC 3339. */
  readonly timeCreated: string;
  /** Under a hold of either kind. */
  readonly held: boolean;
  /** RFC 3339; until then the store deletes nothing of it. Absent: the store has no retention for it. */
  readonly retainedUntil?: string;
  readonly noncurrent?: boolean;
}

/** How a deletion ended. `absent`: it is gone, by this call or an earlier one. */
export type DeleteOutcome = 'deleted' | 'absent' | 'held' | 'retained';

/** What a credential must be allowed to do. */
export type CustodyDeed = 'hold' | 'delete';

/**
 * What only custodians' credentials may do: hold objects and delete what has expired. Nothing here writes content, and
 * the writer's credentials may do none of it (`archive.md` §4, Principals). Rejects with `StoreError` only.
 */
export interface ObjectCustody {
  /** Whether the credentials may do this at all; asked before anything is promised. */
  may(deed: CustodyDeed): Promise<boolean>;
  /** Every generation under a prefix, noncurrent ones too, in the order of names. */
  list(prefix: string): AsyncIterable<ObjectState>;
  objectState(name: string, generation: string): Promise<ObjectState | undefined>;
  /** Sets or takes off the temporary hold; repeating it changes nothing. `absent`: there is no such generation. */
  setHold(name: string, generation: string, held: boolean): Promise<'done' | 'absent'>;
  /** Deletes one generation for good (soft delete may keep it restorable for a while); refused while held or retained. */
  deleteGeneration(name: string, generation: string): Promise<DeleteOutcome>;
}
