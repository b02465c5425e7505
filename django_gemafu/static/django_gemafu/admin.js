// Goes on with an act on many orders; without this, a button does.
document.querySelector("[data-gemafu-continue]")?.submit();
