namespace NasGitOps.Core.Planning;

/// <summary>Judges a change that was just made by a plan on what the host has afterwards.</summary>
public static class ReadBack
{
    /// <summary>Null where the host has what the change wanted; else what it has instead.</summary>
    /// <remarks>What just got its file may still want to be recorded, which is no difference on the host. What cannot be read is not proven, so it does not stand.</remarks>
    public static string? Problem(Change done, Plan after)
    {
        if (after.Changes.FirstOrDefault(c => c.Id == done.Id) is { } left)
        {
            if (left.Disposition == Disposition.Blocked && Withdrawal.Is(done.Fields)) return null;
            var onlyToRecord = left.Disposition == Disposition.Apply && left.Fields.All(f => f.Recorded) && (left.Fields.Count > 0 || left.Action == ChangeAction.Adopt);
            return left.Disposition is Disposition.ReportOnly || onlyToRecord ? null : Found(left);
        }

        return after.Notices.FirstOrDefault(n => n.Id == done.Id && n.Reason == Notice.Unknown) is { } unknown ? $"it cannot be read: {unknown.Message}" : null;
    }

    private static string Found(Change left)
    {
        var fields = string.Join(", ", left.Fields.Select(f => $"{f.Name} is {f.Before ?? "absent"}, not {f.After ?? "absent"}"));
        return string.Join("; ", new[] { fields, left.Message }.Where(part => part.Length > 0));
    }
}
