// Whether two types are the same, for the other files: `is<A, B>(true)` compiles only if they are.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** To be called with what is expected. */
export function is<A, B>(_same: Same<A, B>): void {}
