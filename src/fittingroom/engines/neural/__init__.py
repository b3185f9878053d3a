"""What the neural engines share, from the operator's settings to the finished picture.

An engine's `load` asks `device` where to compute and whether the network fits. A job then goes through these parts, in
this order, all on the CPU but for the network itself:

    body = reader.read(person)                      # body: parsed photo, 18 points; raises NoPersonFound
    frame = Frame.around(body.box, person.shape)    # frame: only for networks with a fixed frame
    with released_on_oom(device), usable_after(p):  # memory, steps
        made = p(..., callback_on_step_end=step_callback(checkpoint))
    made, where = frame.back(made, person.shape)    # or: cv2.resize to the photo's size
    found = register(made, person, body.keep(t))    # registration: drift found and undone, or found.fine is False
    after = reader.read(found.image)                # what the network dressed the person in
    mask = change_mask(found.image, person, body, t, after) * where
    picture = paste(found.image, person, mask)      # paste: face, hair, hands, background bit-exact
    verdict = colour_check(picture, after.garment(t) * mask, garment, reader.garment(garment, t))
    refused = not is_covered(body, after)           # bareness: a bared trunk is never shown

`best_of` of `attempts` does this once per seed, until the registration, the bareness and the colour are fine.
Invariant: no module here writes to a disk or a log.
"""
