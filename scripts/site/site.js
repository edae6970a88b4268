// Who comes for the first time finds these headings of the menu open.
for (const heading of ['Guides', 'Types and functions']) {
  localStorage.setItem(`tsd-accordion-${heading}`, localStorage.getItem(`tsd-accordion-${heading}`) ?? 'true');
}
