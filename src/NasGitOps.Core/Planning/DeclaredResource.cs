using NasGitOps.Core.Manifests;
using NasGitOps.Core.Ownership;

namespace NasGitOps.Core.Planning;

/// <summary>The three-way comparison of one declared resource: the manifest, the host, and the record of what was last applied.</summary>
internal sealed class DeclaredResource(IKind kind, Manifest manifest, PlanInput input, Move? move)
{
    private readonly Applied? record = input.Record(manifest.Id);

    public Draft Draft()
    {
        var assessment = WithEnd(kind.Assess(manifest, input));
        if (assessment.IsOver) return Finish(assessment, null) with { IsUsable = false };
        if (assessment.End is { } end && assessment.Existence != Existence.Unknown) return Finish(assessment, Ending(end));
        return assessment.Existence switch
        {
            Existence.Unknown => Finish(assessment, null) with
            {
                IsUsable = false,
                Notices = [.. assessment.Notices, new Notice(manifest.Id, Notice.Unknown, assessment.UnknownReason, Degraded: true)],
            },
            Existence.Absent when kind.HoldsData && record is not null && assessment.Blocker is null => Missing(assessment),
            Existence.Absent => Finish(assessment, Make(assessment, assessment.WhenAbsent, All(assessment))),
            _ => Present(assessment),
        };
    }

    /// <summary>What stands on a dataset whose time is over goes with it.</summary>
    private Assessment WithEnd(Assessment assessment)
    {
        if (!kind.EndsWithItsDataset || assessment.Existence == Existence.Unknown) return assessment;
        var over = kind.References(manifest).Select(r => Target(r.Target)).FirstOrDefault(m => m?.Spec is IExpiring expiring && expiring.IsOver(m.Id, input));
        if (over is null) return assessment;
        var absence = kind.Absent(manifest.Id, input);
        if (absence.Action is not null) return assessment with { End = absence with { Cause = Cause.Time } };
        return assessment with { IsOver = true, Notices = [new Notice(manifest.Id, Notice.Expired, $"it stood on {over.Id}, whose time was over", Degraded: false)] };
    }

    private Change Ending(Absence end)
    {
        var change = new Change(manifest.Id, kind.Stage, end.Action!.Value, Cause.Time, end.Risk, Disposition.Apply, "", "", end.Fields, end.AtStake, end.Steps, []);
        return end.Blocker is null ? change : change.Held(Disposition.Blocked, end.Blocker);
    }

    private Manifest? Target(ResourceId id) => input.Desired.Manifests.Find(id) ?? (id.Kind == "Dataset" ? input.Desired.Manifests.FindDataset(id.Name) : null);

    private Draft Present(Assessment assessment)
    {
        var differing = Differing(assessment);
        if (move is not null) return Finish(assessment, Make(assessment, move.Action, differing));
        if (!assessment.Owned) return Finish(assessment, Make(assessment, ChangeAction.Adopt, differing));
        if (Opening(assessment, differing) is { Count: > 0 } opening)
        {
            var opened = assessment with { Fields = [.. opening.Select(o => o.Field)], AtStake = AtStake.Nothing, RecordsNothing = true };
            return Finish(opened, Make(opened, ChangeAction.Update, opening));
        }

        if (differing.Count > 0) return Finish(assessment, Make(assessment, ChangeAction.Update, differing));
        return Finish(assessment, assessment.Blocker is null ? null : Make(assessment, ChangeAction.Update, differing));
    }

    /// <summary>What a start of the host, a kill or somebody closed is opened also where something else must wait for a person: it was open before, and it was served. Not where it is to be had at another place: it would be opened there.</summary>
    private List<(Field Field, Cause Cause)> Opening(Assessment assessment, List<(Field Field, Cause Cause)> differing)
    {
        var opening = differing.Where(d => d.Field.AtEveryStart || (d.Field.Opens && d.Cause == Cause.Drift && manifest.Drift == DriftMode.Enforce)).ToList();
        var others = differing.Except(opening).Select(d => d.Field).ToList();
        var waits = others.Exists(f => f.Blocker is not null || f.NeedsApproval) && !others.Exists(f => f.Essential);
        return assessment.Blocker is null && waits ? [.. opening.Where(d => d.Field.Blocker is null)] : [];
    }

    /// <summary>Data that was once recorded and is gone is never silently made again, empty.</summary>
    private Draft Missing(Assessment assessment)
    {
        var blocker = new Blocker(
            $"{kind.Name}Missing",
            $"{manifest.Id} was applied at commit {Short(record!.Commit)} and is not on this host any more; it is never made again, empty",
            $"bring it back (import the pool, restore the data), or drop its record with 'nasgitops forget {manifest.Id}' if it is gone for good");
        return Finish(assessment with { Blocker = blocker }, Make(assessment with { Blocker = blocker }, ChangeAction.Create, All(assessment)));
    }

    private List<(Field Field, Cause Cause)> All(Assessment assessment)
    {
        var cause = record is null || assessment.Fields.Any(f => CauseOf(f) == Cause.Commit) ? Cause.Commit : Cause.Drift;
        return [.. assessment.Fields.Where(f => f.Desired is not null).Select(f => (f, cause))];
    }

    private List<(Field Field, Cause Cause)> Differing(Assessment assessment) =>
        [.. assessment.Fields.Where(f => !f.Equal).Select(f => (f, CauseOf(f)))];

    /// <summary>What differs because a commit changed it is the commit's; without a record every difference is drift.</summary>
    private Cause CauseOf(Field field)
    {
        // The commit that brought the manifest back wants all of it.
        if (field.FromCommit || move is { Action: ChangeAction.Restore }) return Cause.Commit;
        if (record is null) return Cause.Drift;
        return record.Fields.GetValueOrDefault(field.Name) == field.Desired ? Cause.Drift : Cause.Commit;
    }

    private Change Make(Assessment assessment, ChangeAction action, List<(Field Field, Cause Cause)> fields)
    {
        var makes = action is not ChangeAction.Update;
        var cause = (makes && record is null) || move is not null || fields.Any(f => f.Cause == Cause.Commit) ? Cause.Commit : Cause.Drift;
        var onlyReported = manifest.Drift == DriftMode.Report;
        var applied = onlyReported ? fields.Where(f => f.Cause == Cause.Commit || f.Field.AtEveryStart).ToList() : fields;
        var risk = fields.Select(f => f.Field.Risk).Append(makes ? assessment.Risk : Risk.Safe).Append(move?.Risk ?? Risk.Safe).Max();
        var blocker = assessment.Blocker ?? applied.Select(f => f.Field.Blocker).FirstOrDefault(b => b is not null);
        var change = new Change(
            manifest.Id, kind.Stage, action, cause, risk, Disposition.Apply, "", "",
            [.. move?.Fields ?? [], .. fields.Select(f => ToChange(f.Field, f.Cause))], assessment.AtStake, [], [])
        {
            MovedFrom = move is { Action: ChangeAction.Move } ? move.From : null,
        };
        if (blocker is not null) return change.Held(Disposition.Blocked, blocker);

        var reportOnly = onlyReported && cause == Cause.Drift && applied.Count == 0;
        var work = kind.Build(manifest, action, [.. (reportOnly ? fields : applied).Select(f => ToChange(f.Field, f.Cause))], input);
        change = change with { Steps = [.. move?.Steps ?? [], .. work.Steps], Needs = work.Needs };
        return reportOnly
            ? change.Held(Disposition.ReportOnly, new Blocker("DriftReported", "no commit made this difference and the manifest says drift: report", "set drift: enforce to have it corrected"))
            : change;
    }

    private Draft Finish(Assessment assessment, Change? change)
    {
        var needs = kind.References(manifest)
            .Select(r => Target(r.Target))
            .Where(m => m is not null && m.Id != manifest.Id)
            .Select(m => m!.Id)
            .Concat(change?.Needs ?? [])
            .Distinct()
            .Order()
            .ToList();
        var differing = assessment.Fields.Where(f => !f.Equal).ToList();
        return new Draft(manifest.Id, change is null ? null : change with { Needs = needs }, assessment.Notices)
        {
            IsDeclared = true,
            IsShut = differing.Any(f => f is { Essential: true, AtEveryStart: true }),
            IsSuspended = manifest.Suspend,
            Wanted = assessment.Existence == Existence.Unknown || assessment.RecordsNothing ? null : assessment.Fields.Where(f => f.Desired is not null).ToDictionary(f => f.Name, f => f.Desired!),
            IsUsable = assessment.Existence == Existence.Present && move is null && !differing.Any(f => f.Essential),
            NeedsApproval = change is not null
                && (change.Risk == Risk.Destructive || (change.Action != ChangeAction.Update && assessment.NeedsApproval) || differing.Any(f => f.NeedsApproval)),
            Needs = needs,
        };
    }

    private static FieldChange ToChange(Field field, Cause cause) => new(field.Name, field.Actual, field.Desired, field.Source, cause, field.Note) { Recorded = field.Recorded, Mends = field.Mends };

    private static string Short(string commit) => commit.Length > 12 ? commit[..12] : commit;
}
