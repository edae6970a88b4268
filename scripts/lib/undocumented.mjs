// What the package exports without a word about it, out of the tool's own description of the types. The tool's own check passes over
// declarations, which are all that an application sees.

/** Kinds of the tool that need words: variables, functions, classes, interfaces, members, accessors, types. */
const KINDS = new Set([32, 64, 128, 256, 1024, 2048, 262_144, 2_097_152]);

/**
 * Names of all that has no description.
 *
 * @param {object} project as the tool writes it as JSON
 * @returns {{ described: number, without: string[] }}
 */
export function undocumented(project) {
  const without = [];
  let described = 0;
  const visit = (one, path) => {
    const name = [...path, one.name];
    if (KINDS.has(one.kind) && !one.inheritedFrom && !one.flags?.isExternal) {
      // Of several forms of a function, the first one speaks for all.
      if (one.comment ?? one.signatures?.some(({ comment }) => comment) ?? one.getSignature?.comment) described += 1;
      else without.push(name.join('.'));
      without.push(...parameters(one).map((parameter) => `${name.join('.')}: @param ${parameter}`));
    }
    for (const child of one.children ?? []) visit(child, name);
  };
  for (const child of project.children ?? []) visit(child, []);
  return { described, without };
}

// Forms of functions that are there for older applications, or that can be awaited, take what the others take.
function parameters({ name, signatures = [] }) {
  const meant = signatures.filter(({ comment }) => !comment?.blockTags?.some(({ tag }) => tag === '@deprecated'));
  if (name.endsWith('Async')) return [];
  return meant.flatMap(({ parameters = [] }) => parameters.filter(({ comment }) => !comment).map((parameter) => parameter.name));
}
