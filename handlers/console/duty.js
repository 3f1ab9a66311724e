// A name dragged onto a time fills the form; so does choosing the time's link. The
// form alone does everything by keyboard.
(() => {
  const form = document.querySelector("form.change");
  if (!form) return;
  const fill = (slot, member) => {
    for (const name of ["level", "from", "to"]) form.elements[name].value = slot.dataset[name];
    if (member) form.elements.member.value = member;
    form.scrollIntoView({ block: "center" });
    form.elements[member ? "from" : "member"].focus();
  };
  document.addEventListener("dragstart", (e) => {
    const chip = e.target.closest?.("[data-member]");
    if (chip) e.dataTransfer.setData("text/plain", chip.dataset.member);
  });
  for (const slot of document.querySelectorAll("[data-from]")) {
    slot.addEventListener("dragover", (e) => { e.preventDefault(); slot.classList.add("over"); });
    slot.addEventListener("dragleave", () => slot.classList.remove("over"));
    slot.addEventListener("drop", (e) => {
      e.preventDefault();
      slot.classList.remove("over");
      fill(slot, e.dataTransfer.getData("text/plain"));
    });
    slot.addEventListener("click", (e) => { e.preventDefault(); fill(slot); });
  }
})();
