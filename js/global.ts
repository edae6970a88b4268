// kandy.js: the package for a plain `<script>`. Pages of all ages find it under the names that they know (legacy-3x 1).

import kandy from './inline.js';

const page = globalThis as { Kandy?: typeof kandy; createKandy?: typeof kandy };

page.Kandy = kandy;
// Before 3.0 there was this function alone. Not `kandy`: pages declare that name themselves.
page.createKandy ??= kandy;
